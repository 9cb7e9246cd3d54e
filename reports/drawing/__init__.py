"""The part as a drawing: orthographic views in vector lines, with overall dimensions."""
