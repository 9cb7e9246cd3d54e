"""A finished run or study for other programs: a deck for CalculiX and Abaqus, a workbook, fields with named regions."""
