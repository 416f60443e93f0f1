"""CPython as the oracle of our lowering: runs closed programs, one a line {"text": …}, and answers each with what it printed and how
it ended: {"output": str, "exception": class name or null, "line": int or null}. With "call" and "args", a function of the program is
called, and "result" is what it returns, if that is an int, a bool or None."""
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
    asked = json.loads(request)
    text = asked["text"]
    output = io.StringIO()
    answer = {"exception": None, "line": None}
    signal.setitimer(signal.ITIMER_REAL, 5)
    try:
        with contextlib.redirect_stdout(output):
            names = {"__name__": "__main__"}
            exec(compile(text, "<program>", "exec", dont_inherit=True), names)
            if "call" in asked:
                answer["result"] = names[asked["call"]](*asked["args"])
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
