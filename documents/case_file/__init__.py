"""The printed file of a case (一案一档): what is on its sheets, and the docx that is made of them."""

__all__ = ["case_file_docx", "sheets"]
