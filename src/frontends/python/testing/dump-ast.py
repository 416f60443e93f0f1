"""CPython as the oracle of our parser: reads JSON lines {"text": …} and answers each with
{"parses": bool, "compiles": bool, "tree": dump or null, "message": str}, the dump in the form of testing/dump-ast.ts."""
import ast
import json
import struct
import sys
import warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(20000)
SKIPPED = {"ctx", "type_comment", "kind", "type_ignores"}
CONVERSIONS = {-1: "", 97: "a", 114: "r", 115: "s"}


def constant(value):
    if value is None or value is Ellipsis:
        return repr(value)
    if isinstance(value, bool):
        return f"bool:{str(value).lower()}"
    if isinstance(value, int):
        return f"int:{value:x}"
    if isinstance(value, float):
        return "float:" + struct.pack(">d", value).hex()
    if isinstance(value, complex):
        return "complex:" + struct.pack(">d", value.imag).hex()
    if isinstance(value, str):
        return "str:" + value.encode("utf-16-le", "surrogatepass").hex()
    return "bytes:" + value.hex()


class Dump:
    def __init__(self, text):
        self.starts = [0]
        self.lines = []
        at = 0
        for line in text.splitlines(keepends=True) if not any(c in text for c in "\v\f\x1c\x1d\x1e\x85\u2028\u2029") else lines_of(text):
            self.lines.append(line)
            at += utf16(line)
            self.starts.append(at)
        self.lines.append("")

    def offset(self, line, column):
        text = self.lines[line - 1]
        if not text.isascii():
            column = utf16(text.encode()[:column].decode())
        return self.starts[line - 1] + column

    def node(self, n, placed):
        if n is None:
            return "-"
        if isinstance(n, list):
            return "[" + ",".join(self.node(x, placed) for x in n) + "]"
        if isinstance(n, str):
            return json.dumps(n)
        if isinstance(n, (ast.operator, ast.unaryop, ast.cmpop, ast.boolop)):
            return type(n).__name__
        if not isinstance(n, ast.AST):
            return json.dumps(n)
        name = type(n).__name__
        inside = placed and name not in ("JoinedStr",)
        parts = []
        for field in sorted(n._fields):
            if field in SKIPPED:
                continue
            value = getattr(n, field, None)
            if name in ("Constant", "MatchSingleton") and field == "value":
                parts.append(constant(value))
            elif field == "conversion":
                parts.append(json.dumps(CONVERSIONS[value]))
            elif field in ("simple", "is_async"):
                parts.append(json.dumps(bool(value)))
            else:
                parts.append(self.node(value, inside))
        place = ""
        if placed and hasattr(n, "end_col_offset"):
            place = f"@{self.offset(n.lineno, n.col_offset)}-{self.offset(n.end_lineno, n.end_col_offset)}"
        return f"{name}{place}({','.join(parts)})"


def utf16(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def lines_of(text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line + "\n" for line in lines[:-1]] + lines[-1:]


for request in sys.stdin:
    text = json.loads(request)["text"]
    answer = {"parses": False, "compiles": False, "tree": None, "message": ""}
    try:
        tree = ast.parse(text)
        answer["parses"] = True
        answer["tree"] = Dump(text).node(tree, True)
        compile(text, "<text>", "exec", dont_inherit=True)
        answer["compiles"] = True
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        answer["message"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer))
