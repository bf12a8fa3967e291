"""A crew: jobs at once and in order, whatever fails, and nothing left of them when they are stopped.

In the place of DVC a shell runs `<stage>.sh` for each stage.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue

import psutil
import pytest

from stages.core.errors import UserError
from stages.scheduling import crew, worker
from stages.scheduling.crew import Crew
from stages.scheduling.events import Ended, Events, Said
from stages.scheduling.jobs import Job
from tests.samples import ROOT

SHELL = """
[ $# = 0 ] && { [ -e rest.sh ] && exec sh rest.sh; echo closed >> log; exit; }
shift
for stage in "$@"; do
  echo "begin $stage" >> log
  sh -eu "$stage.sh" || { echo "failed to reproduce '$stage'"; exit 1; }
  echo "end $stage" >> log
done
"""
# Ends once the other has begun: one after another, they would wait for ever.
MEET = "touch met_{own}; until [ -e met_{other} ]; do sleep 0.01; done"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heeded: None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(worker, "REPRO", ("sh", "repro.sh"))
    Path("repro.sh").write_text(SHELL)


def work(scripts: Mapping[str, str], waits: Mapping[str, str] | None = None, *, size: int = 2) -> None:
    """A crew does stages, which run those scripts and wait for those named in `waits`."""
    for stage, script in scripts.items():
        Path(f"{stage}.sh").write_text(script)
    Crew({stage: frozenset((waits or {}).get(stage, "").split()) for stage in scripts}, size=size).work()


def log() -> list[str]:
    return Path("log").read_text().splitlines()


def place_of(line: str) -> int:
    return log().index(line)


def test_jobs_that_wait_for_nobody_are_done_at_once() -> None:
    work({"a": MEET.format(own="a", other="b"), "b": MEET.format(own="b", other="a")})
    assert sorted(log()[:2]) == ["begin a", "begin b"]


def test_a_job_begins_when_all_that_it_waits_for_have_ended_and_dvc_itself_comes_last() -> None:
    work(dict.fromkeys("abcd", ""), {"b": "a", "c": "a", "d": "b c"})
    assert place_of("end a") < min(place_of("begin b"), place_of("begin c"))
    assert max(place_of("end b"), place_of("end c")) < place_of("begin d")
    assert log()[-2:] == ["end d", "closed"]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_no_more_are_at_work_than_are_asked_for(size: int) -> None:
    work(dict.fromkeys("abcdefgh", "sleep 0.02"), size=size)
    at_work = [0]
    for line in log()[:-1]:
        at_work.append(at_work[-1] + (1 if line.startswith("begin") else -1))
    assert max(at_work) == size


def test_those_with_the_longest_way_before_them_begin_first() -> None:
    work(dict.fromkeys("abcd", ""), {"d": "c"}, size=1)
    assert place_of("begin c") == 0


def test_what_stages_say_of_themselves_is_passed_on_with_a_count_and_what_they_give_notice_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    usual = (
        *("Running stage 'a':", "> python -m stages.a", "run: epoch 1/2  loss 0.5 (val 0.4)  3 s left"),
        *("", "Updating lock file 'dvc.lock'", "Use `dvc push` to send your updates to remote storage."),
    )
    notice = "18.2 % of test stand in train too"
    lines = "\n".join([*usual, notice, "a: learnt -> there", *usual])
    work({"a": f"cat <<'E'\n{lines}\nE", "b": "echo b: learnt too >&2"}, {"b": "a"})
    assert capsys.readouterr().out.splitlines() == [
        "[0/2] 2 stages to look at, 2 at once",
        "[1/2] a: learnt -> there",
        f"    {notice}",
        "[2/2] b: learnt too",
    ]


def test_of_a_file_of_ones_own_that_fails_all_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.py").write_text("def build(:\n")
    with pytest.raises(UserError):
        work({"a": f"{sys.executable} own.py"})
    said = capsys.readouterr().out
    assert 'own.py", line 1\n' in said and "        def build(:\n" in said and "SyntaxError" in said


def test_a_failure_keeps_from_beginning_what_waits_for_it_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(UserError) as error:
        work(
            {"a": "echo why; exit 1", "b": "sleep 0.1", "c": "", "d": "", "e": ""},
            {"c": "a", "d": "c", "e": "b"},
        )
    assert str(error.value) == (
        "failed: a; not run because of it: c d. Mend it, and the same command goes on from there"
    )
    assert {line for line in log() if line.startswith("begin")} == {"begin a", "begin b", "begin e"}
    assert "closed" not in log()  # DVC by itself would run again what failed
    said = capsys.readouterr().out
    assert "failed: a\n    why\n    failed to reproduce 'a'\n" in said
    assert said.count("why") == 1


def test_a_failure_holds_up_only_what_depends_on_it_of_its_own_job_and_of_others_that_wait_for_that(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(UserError) as error:
        work(
            {"train@a": "", "export@a": "exit 1", "judge@a": "", "judge@b": "", "page@b": "", "zip@a": ""},
            {
                "export@a": "train@a",
                "judge@a": "train@a",
                "judge@b": "train@a",
                "page@b": "judge@b export@a",
                "zip@a": "export@a",
            },
        )
    assert str(error.value).startswith("failed: export@a; not run because of it: page@b zip@a. ")
    ended = {"end train@a", "end judge@a", "end judge@b"}
    assert {line for line in log() if line.startswith("end")} == ended
    assert "begin zip@a" not in log() and "begin page@b" not in log()
    assert "[1/6] train@a: done\n" in capsys.readouterr().out


@pytest.mark.parametrize("named", ["", "echo \"failed to reproduce 'c'\"; "])
def test_where_dvc_names_no_stage_of_a_job_all_of_it_failed(named: str) -> None:
    with pytest.raises(UserError, match=r"^failed: a; not run because of it: b\. "):
        work({"a": f"{named}kill -9 $PPID", "b": ""}, {"b": "a"})


def test_a_line_that_is_no_utf_8_is_heard_and_the_end_behind_it() -> None:
    events: Events = SimpleQueue()
    job = Job(("a",))
    Path("a.sh").write_text("printf 'caf\\351\\n'")
    worker.Worker(job, events)
    assert events.get(timeout=10) == Said(job, "caf\N{REPLACEMENT CHARACTER}")
    assert events.get(timeout=10) == Ended(job, ())


def test_what_dvc_does_last_has_a_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crew, "SILENCE", 0.2)
    Path("rest.sh").write_text("sleep 0.5; exit 1")
    with pytest.raises(UserError, match=r"^failed: dvc repro\. "):
        work({"a": ""})
    said = capsys.readouterr().out
    assert "at work: dvc repro: begins\n" in said and "failed: dvc repro\n" in said


def test_the_work_goes_on_when_nobody_reads_what_is_told_of_it() -> None:
    code = "from stages.scheduling.crew import Crew; from stages.scheduling import worker;"
    code += "worker.REPRO = ('sh', 'repro.sh'); Crew({'a': frozenset()}, size=1).work()"
    Path("a.sh").write_text("")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, stdout=write, stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")
    assert log() == ["begin a", "end a", "closed"]


def test_a_job_that_goes_on_is_told_when_nothing_was_heard_for_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crew, "SILENCE", 0.2)
    work({"a": "echo some of it; echo half of it; sleep 0.5", "b": ""})
    assert "at work: a: half of it" in capsys.readouterr().out


def alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def endless(*stages: str, first: str = "") -> dict[str, str]:
    """Scripts that leave the number of their process and go on for ever."""
    return {one: f"{first}\necho $$ > {one}.part; mv {one}.part {one}.pid; exec sleep 1000" for one in stages}


def stopped(scripts: Mapping[str, str], *numbers: signal.Signals, size: int) -> tuple[float, object]:
    """Seconds to the end, and its status, once `size` stages are at work and signals come, 0.5 s apart."""
    sent: list[float] = []

    def send() -> None:
        while len(list(Path().glob("*.pid"))) < size:
            time.sleep(0.01)
        for number in numbers:
            time.sleep(0.5 if sent else 0)
            sent.append(time.monotonic())
            os.kill(os.getpid(), number)

    threading.Thread(target=send, daemon=True).start()
    with pytest.raises(SystemExit) as end:
        work(scripts, size=size)
    seconds = time.monotonic() - sent[0]
    deadline = time.monotonic() + 5
    while any(alive(int(file.read_text())) for file in Path().glob("*.pid")):  # as long as the kernel takes
        assert time.monotonic() < deadline
    return seconds, end.value.code


@pytest.mark.parametrize(
    ("number", "first"),
    [(signal.SIGINT, ""), (signal.SIGTERM, ""), (signal.SIGHUP, ""), (signal.SIGINT, "trap '' INT")],
)
def test_stopped_it_leaves_no_process_behind(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals, first: str
) -> None:
    if first:
        monkeypatch.setattr(worker, "PATIENCE", 1)
    _, status = stopped({**endless("a", "b", first=first), "c": ""}, number, size=2)
    assert status == 128 + number
    assert "begin c" not in log()


def test_stubborn_stages_are_waited_for_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE", 1)
    seconds, _ = stopped(endless(*"abcdef", first="trap '' INT"), signal.SIGINT, size=6)
    assert 1 <= seconds < 3


def test_asked_to_stop_a_second_time_it_does_not_wait() -> None:
    seconds, _ = stopped(endless("a", "b", first="trap '' INT"), signal.SIGINT, signal.SIGINT, size=2)
    assert seconds < 3
