"""What a case, a deadline, a signature or a verdict is called in words, for every face of the program.

Shared by the commands and the desk: turns values of operations into sentences, pairs and papers, and prints nothing.
"""

__all__ = [
    "case_deadlines",
    "case_view",
    "deadline_view",
    "explanation_view",
    "letter_book",
    "letter_prepared",
    "plain_words",
    "question_view",
    "signature_view",
    "twin_view",
    "zero_section",
]
