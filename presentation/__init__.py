"""What a case, a deadline, a signature or a verdict is called in words, for every face of the program.

Shared by the commands and the desk: turns values of operations into sentences, pairs and papers, and prints nothing.
"""

__all__ = [
    "access_view",
    "adopted_titles",
    "basis_sources",
    "case_deadlines",
    "case_file_view",
    "case_view",
    "checkpoint_view",
    "deadline_view",
    "explanation_view",
    "forecast_section",
    "house_words",
    "import_findings",
    "import_run",
    "import_words",
    "journal_verdicts",
    "json_view",
    "ledger_prepared",
    "letter_book",
    "letter_prepared",
    "original_marks",
    "plain_words",
    "question_view",
    "report_kinds",
    "report_prepared",
    "sealed_view",
    "signature_view",
    "text_changes",
    "twin_view",
    "zero_section",
]
