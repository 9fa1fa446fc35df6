#!/usr/bin/env python3
"""Measures the cost of the macros at compile time.

    python3 tools/compile_cost.py [ROUNDS]

The tool compiles the same children twice in turn with `rustc --emit=metadata`: built by hand, and
declared with `supervisor!`. The table holds the medians in seconds and the ratio. The tool also times a
clean build of the macro crate. ROUNDS is 9 by default.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10, 100, 1_000)

# Half of the children are closures with policies, the others are functions.
CLOSURE = "async |ctx| { ctx.cancelled().await; Ok::<(), BoxError>(()) }"
HEAD = """
#![allow(unused_imports, reason = "each form needs some of them")]
use sage_supervisor::{BoxError, ChildContext, ChildSpec, IntoChild, RestartConfig, RestartPolicy};
use sage_supervisor::{Shutdown, Strategy, Supervisor, supervisor};
pub async fn worker(ctx: ChildContext) { ctx.cancelled().await; }
pub fn app() -> Supervisor {
"""


def by_hand(children):
    lines = ["    Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children(["]
    for n in range(children):
        if n % 2:
            lines.append(f'        worker.into_child("c{n}".to_owned()),')
        else:
            lines.append(
                f'        ChildSpec::new("c{n}", {CLOSURE})'
                ".restart(RestartPolicy::Transient)"
                ".shutdown(Shutdown::Timeout(std::time::Duration::from_secs(2))),"
            )
    return HEAD + "\n".join([*lines, "    ])", "}"])


def declared(children):
    lines = ["    supervisor! {"]
    for n in range(children):
        if n % 2:
            lines.append(f"        #[child] c{n} = worker,")
        else:
            lines.append(f'        #[child(restart = "transient", shutdown = "2s")] c{n} = {CLOSURE},')
    return HEAD + "\n".join([*lines, "    }", "}"])


def seconds(command, **options):
    started = time.perf_counter()
    subprocess.run(command, check=True, **options)
    return time.perf_counter() - started


def library():
    """Builds the runtime crate, and returns the paths of the library and of its dependencies."""
    build = ["cargo", "build", "-p", "sage-supervisor", "--message-format=json"]
    output = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    for line in output.splitlines():
        message = json.loads(line)
        target = message.get("target", {}).get("name")
        if message["reason"] == "compiler-artifact" and target == "sage_supervisor":
            rlib = next(Path(name) for name in message["filenames"] if name.endswith(".rlib"))
            return rlib, rlib.parent if rlib.parent.name == "deps" else rlib.parent / "deps"
    raise SystemExit("cargo has not reported the path of sage-supervisor")


def compare(folder, rounds):
    rlib, dependencies = library()
    print("| children | by hand | declared | ratio |\n|---|---|---|---|")
    for size in SIZES:
        files = {"by hand": by_hand(size), "declared": declared(size)}
        times = {name: [] for name in files}
        for name, text in files.items():
            (folder / f"{name.split()[0]}.rs").write_text(text)
        for turn in range(rounds + 1):
            for name in files:
                took = seconds(
                    ["rustc", "--edition", "2024", "--crate-type", "lib", "--emit=metadata",
                     "--extern", f"sage_supervisor={rlib}", "-L", f"dependency={dependencies}",
                     "-o", folder / "out.rmeta", folder / f"{name.split()[0]}.rs"]
                )
                # The first round warms the caches and is not counted.
                if turn:
                    times[name].append(took)
        hand, macro = (statistics.median(times[name]) for name in files)
        # The ratios are those of pairs that ran directly after each other, under the same load.
        ratio = statistics.median(m / h for h, m in zip(*times.values()))
        print(f"| {size} | {hand:.3f} s | {macro:.3f} s | {ratio:.3f} |", flush=True)


def clean_build(folder, rounds):
    """Times a build of the macro crate and its dependencies in an empty target directory."""
    times = []
    target = folder / "target"
    for _ in range(rounds):
        shutil.rmtree(target, ignore_errors=True)
        command = ["cargo", "build", "--quiet", "-p", "sage-supervisor-macros"]
        times.append(seconds(command, cwd=ROOT, env={**os.environ, "CARGO_TARGET_DIR": str(target)}))
    print(f"clean build of the macro crate: {statistics.median(times):.2f} s")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=9, metavar="ROUNDS")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), rounds)
        clean_build(Path(folder), min(rounds, 3))


if __name__ == "__main__":
    main()
