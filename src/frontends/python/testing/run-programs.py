"""CPython as the oracle of our lowering: runs closed programs, one a line {"text": …}, and answers each with what it printed and how
it ended: {"output": str, "exception": class name or null, "line": int or null}."""
import contextlib
import io
import json
import signal
import sys


class TooLong(BaseException):
    pass


def stop(*_):
    raise TooLong


signal.signal(signal.SIGALRM, stop)
for request in sys.stdin:
    text = json.loads(request)["text"]
    output = io.StringIO()
    answer = {"exception": None, "line": None}
    signal.setitimer(signal.ITIMER_REAL, 5)
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(text, "<program>", "exec", dont_inherit=True), {"__name__": "__main__"})
    except BaseException as error:
        answer["exception"] = type(error).__name__
        trace = error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == "<program>":
                answer["line"] = trace.tb_lineno
            trace = trace.tb_next
    signal.setitimer(signal.ITIMER_REAL, 0)
    answer["output"] = output.getvalue()
    print(json.dumps(answer))
