from benchtwin.cli import main

main()
