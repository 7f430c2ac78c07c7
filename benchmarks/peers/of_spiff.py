"""SpiffWorkflow: the instance is restored from JSON, a task completed, and written back with the rows beside it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks.peers.ground import Step, durable

FLOW = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="http://bpmn.io/schema/bpmn">
  <process id="lead" isExecutable="true">
    <startEvent id="start"><outgoing>a</outgoing></startEvent>
    <sequenceFlow id="a" sourceRef="start" targetRef="assign"/>
    <manualTask id="assign"><incoming>a</incoming><outgoing>b</outgoing></manualTask>
    <sequenceFlow id="b" sourceRef="assign" targetRef="verify"/>
    <manualTask id="verify"><incoming>b</incoming><outgoing>c</outgoing></manualTask>
    <sequenceFlow id="c" sourceRef="verify" targetRef="end"/>
    <endEvent id="end"><incoming>c</incoming></endEvent>
  </process>
</definitions>"""


@contextmanager
def stepping(file: Path, leads: int) -> Iterator[Step]:
    """Lend the step."""
    parser = BpmnParser()
    parser.add_bpmn_str(FLOW.encode())
    serializer = BpmnWorkflowSerializer()
    begun = BpmnWorkflow(parser.get_spec("lead"))
    begun.do_engine_steps()
    first = serializer.serialize_json(begun)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        durable(connection)
        connection.execute("BEGIN")
        connection.executemany("UPDATE lead SET fields = ? WHERE id = ?", [(first, n) for n in range(1, leads + 1)])
        connection.execute("COMMIT")

        def step(lead: int) -> None:
            connection.execute("BEGIN IMMEDIATE")
            (kept,) = connection.execute("SELECT fields FROM lead WHERE id = ?", (lead,)).fetchone()
            instance = serializer.deserialize_json(kept)
            (task,) = instance.get_tasks(state=TaskState.READY, manual=True)
            task.run()
            instance.do_engine_steps()
            after = serializer.serialize_json(instance)
            connection.execute("UPDATE lead SET state = 'assigned', fields = ? WHERE id = ?", (after, lead))
            row = (lead, time.time_ns(), "chen", "moved", "{}")
            connection.execute("INSERT INTO journal (lead_id, at, by, kind, body) VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("UPDATE deadline SET status = 2 WHERE lead_id = ?", (lead,))
            begins = (lead, "verification", 0, "2019-09-02")
            connection.execute("INSERT INTO deadline (lead_id, name, status, due_on) VALUES (?, ?, ?, ?)", begins)
            connection.execute("COMMIT")

        yield step
