"""What stands where in a sheet: header, forms, and which column is which field.

`likely_rows` and `header` find the headings of a table, `forms` the labels of a form. What a heading means by
itself is for `headings` and `composed`, whose it is for `persons`, what stands below it for `below`; `assigning`
weighs them, `candidates` are what a person chooses from. `turned` knows tables that lie on their side; `recalled` finds
what was decided about an earlier ledger of the same shape.
"""

__all__ = ["assigning", "below", "forms", "further", "header", "headings", "parts", "recalled", "turned"]
