"""django-fsm-2: a protected field and a decorated method in a model, saved within `atomic`, as its pages show."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings

from benchmarks.peers.ground import Step


@contextmanager
def stepping(file: Path, _: int) -> Iterator[Step]:
    """Lend the step."""
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA synchronous=FULL"}
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": options}
    settings.configure(DATABASES={"default": database}, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
    django.setup()
    from django.db import connection, models, transaction
    from django_fsm import FSMField, transition

    class Lead(models.Model):  # noqa: DJ008 - nobody prints it
        number = models.TextField()
        state = FSMField(default="received", protected=True)
        fields = models.TextField()

        class Meta:
            app_label = "peers"
            db_table = "lead"

        @transition(field=state, source="received", target="assigned")
        def assign(self) -> None:
            """Assign it."""

    class Journal(models.Model):  # noqa: DJ008
        lead_id = models.IntegerField()
        at = models.IntegerField()
        by = models.TextField()
        kind = models.TextField()
        body = models.TextField()

        class Meta:
            app_label = "peers"
            db_table = "journal"

    class Deadline(models.Model):  # noqa: DJ008
        lead_id = models.IntegerField()
        name = models.TextField()
        status = models.IntegerField()
        due_on = models.TextField()

        class Meta:
            app_label = "peers"
            db_table = "deadline"

    def step(lead: int) -> None:
        with transaction.atomic():
            row = Lead.objects.get(pk=lead)
            row.assign()
            row.save()
            Journal.objects.create(lead_id=lead, at=time.time_ns(), by="chen", kind="moved", body="{}")
            Deadline.objects.filter(lead_id=lead).update(status=2)
            Deadline.objects.create(lead_id=lead, name="verification", status=0, due_on="2019-09-02")

    yield step
    connection.close()
