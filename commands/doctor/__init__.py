"""`qingling doctor`: what is wrong with an installation, the house in it and the machine under it.

`command` gathers what the `*_checks` find and prints it; `findings` says what a finding is.
"""

from commands.doctor.command import doctor

__all__ = ["doctor"]
