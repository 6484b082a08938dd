"""Start the program out of its folder: nothing but what lies in it is imported."""

import os
import sys

HOME = os.path.dirname(os.path.abspath(__file__))
GBK = ("gbk", "gb2312", "gb18030", "euccn")
"""Character sets of old Chinese consoles; GB18030 holds them all."""


def speaks_gbk(environment):
    """Return whether the console that these variables describe shows a Chinese set older than UTF-8."""
    locale = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environment.get(name))), "")
    name, dot, charset = locale.lower().partition(".")
    charset = charset.partition("@")[0].replace("-", "").replace("_", "")
    return charset in GBK if dot else name == "zh_cn"


def in_gbk(argument):
    """Return an argument that was typed on such a console; one that names a file by its very bytes stays."""
    raw = os.fsencode(argument)
    try:
        raw.decode()
        return argument
    except UnicodeDecodeError:
        pass
    try:
        return argument if os.path.lexists(raw) else raw.decode("gb18030")
    except UnicodeDecodeError:
        return argument


def main():
    """Run the command line."""
    if speaks_gbk(os.environ):
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            if stream is not None:
                stream.reconfigure(encoding="gb18030")
        sys.argv[1:] = [in_gbk(argument) for argument in sys.argv[1:]]
    from engine.commands import main as run

    run()


sys.path.append(os.path.join(HOME, "packages"))
if __name__ == "__main__":
    main()
