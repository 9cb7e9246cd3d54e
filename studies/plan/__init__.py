"""What a study is to run: its file, what it varies, and the variants that follow."""
