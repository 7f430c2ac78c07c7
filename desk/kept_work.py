"""What waits at the desk for its officer, looked at again at each request: it may show what they may read no more.

A file, a report or a finding was made of what its officer might read then. A case may have been restricted since, a
role taken away; what is handed out follows what may be read now.
"""

from desk.jobs import Job, Jobs
from desk.ledger_import import LedgerImport
from desk.visit import Visit
from engine.language import Text
from engine.operations.ledger.need_to_know import may_read_less


def look_again(visit: Visit, jobs: Jobs) -> None:
    """Give up what shows more than its officer may read by now; an import is to be tried out again.

    Args:
        jobs: All that is under way or waits at the desk.
    """
    for each in jobs.of(visit.officer):
        if not _shows_too_much(visit, each):
            continue
        subject = each.subject
        if not isinstance(subject, LedgerImport) or subject.is_applied:
            jobs.hide(each)
        elif not each.is_under_way:  # its page shows nothing of a case before it is done
            subject.forget()
            each.read_as, each.state = None, "refused"
            each.refused = Text(
                "what you may read has changed since; try it out again", "您的可查阅范围已有变动，请重新预演"
            )


def _shows_too_much(visit: Visit, job: Job) -> bool:
    """Say whether a job may show its officer what they may not read."""
    if job.case and not visit.ledger.sees_number(job.case):
        return True
    return job.read_as is not None and may_read_less(visit.ledger, visit.reader, job.read_as)
