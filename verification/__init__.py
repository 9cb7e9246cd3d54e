"""Problems with known answers, and the proof that the error bars hold them: `python -m verification`."""
