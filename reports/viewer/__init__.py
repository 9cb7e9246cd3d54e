"""A view in the report that can be turned, cut and read: what of a run goes into the page, and how small.

The mesh goes there as it is, quadratic, so that the browser draws it curved and reads values off its shape functions;
only the numbers are rounded. What runs in the browser stands in `reports/templates/viewer`.
"""
