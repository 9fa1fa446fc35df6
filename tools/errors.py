#!/usr/bin/env python3
"""Compiles the wrong examples of the chapter on errors, and compares the messages with its quotations.

    python3 tools/errors.py [WORD ..]

The doctests show that the examples do not compile; this tool shows that the compiler gives the quoted
reason. With words, only the sections whose title contains a word are tried. The exit code is the number
of examples with another message.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "sage-supervisor" / "docs" / "errors.md"
SECTION = re.compile(
    r"^## (.*?)\n\n```text\n(.*?)\n```\n.*?^```compile_fail[^\n]*\n(.*?)\n```$", re.S | re.M)

MANIFEST = """\
[package]
name = "errors"
edition = "2024"

[dependencies]
sage-supervisor = {{ path = "{}" }}

[workspace]
"""


def program(example):
    """The program that rustdoc makes from an example."""
    lines = (re.sub(r"^# ?", "", line) if re.match(r"#( |$)", line) else line
             for line in example.splitlines())
    text = "\n".join(lines)
    if "fn main()" in text:
        return f"#![deny(warnings)]\n{text}\n"
    return f"#![deny(warnings)]\nfn main() {{\n{text}\n}}\n"


def answers(folder):
    """The first error of each program, in the form in which the chapter quotes it."""
    environment = dict(os.environ, CARGO_TARGET_DIR=str(ROOT / "target" / "errors"))
    check = subprocess.run(
        ["cargo", "check", "--quiet", "--bins", "--keep-going", "--message-format", "json"],
        cwd=folder, env=environment, capture_output=True, text=True)
    first = {}
    for line in check.stdout.splitlines():
        told = json.loads(line)
        message = told.get("message")
        if not isinstance(message, dict) or message["level"] != "error":
            continue
        code = (message["code"] or {"code": ""})["code"]
        # The chapter quotes the code of an error, but not the name of a lint.
        code = f"[{code}]" if re.fullmatch(r"E\d{4}", code) else ""
        first.setdefault(told["target"]["name"], f"error{code}: {message['message']}")
    if not first:
        sys.exit(check.stderr)
    return first


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD")
    words = parser.parse_args().words
    chosen = [(title, quoted, example) for title, quoted, example in SECTION.findall(PAGE.read_text())
              if not words or any(word in title for word in words)]
    if not chosen:
        sys.exit("no section has such a title")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        (folder / "src" / "bin").mkdir(parents=True)
        (folder / "Cargo.toml").write_text(MANIFEST.format(ROOT / "sage-supervisor"))
        # With the lock file of the workspace, the dependencies have the versions of its own builds.
        shutil.copy(ROOT / "Cargo.lock", folder)
        for index, (_, _, example) in enumerate(chosen):
            (folder / "src" / "bin" / f"case_{index}.rs").write_text(program(example))
        first = answers(folder)
        for index, (title, quoted, _) in enumerate(chosen):
            answer = first.get(f"case_{index}", "the example compiles")
            # Of the messages of the compiler itself, the chapter quotes only the first line.
            is_quoted = quoted.replace("\n       ", "\n") in (answer, answer.split("\n")[0])
            failed += not is_quoted
            print(f"{title:50} | {'yes' if is_quoted else 'FAILED: ' + answer}", flush=True)
    print(f"{len(chosen)} examples, {failed} with another message")
    sys.exit(failed)


if __name__ == "__main__":
    main()
