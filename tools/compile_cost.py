#!/usr/bin/env python3
"""What the macros cost while compiling.

The same children, by hand and declared with `supervisor!`, through `rustc --emit=metadata` in turn;
and a clean build of the macro crate. Prints medians in seconds, and the ratio.

    python3 tools/compile_cost.py [rounds]
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10, 100, 400)

# What a child is, in both forms: a closure with a policy, and a function.
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
    """The runtime crate, built, and where its dependencies are."""
    build = ["cargo", "build", "-p", "sage-supervisor", "--message-format=json"]
    output = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    for line in output.splitlines():
        message = json.loads(line)
        target = message.get("target", {}).get("name")
        if message["reason"] == "compiler-artifact" and target == "sage_supervisor":
            rlib = next(Path(name) for name in message["filenames"] if name.endswith(".rlib"))
            return rlib, rlib.parent if rlib.parent.name == "deps" else rlib.parent / "deps"
    raise SystemExit("cargo did not say where the crate is")


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
                # The first one warms the caches.
                if turn:
                    times[name].append(took)
        hand, macro = (statistics.median(times[name]) for name in files)
        # Of pairs that ran one after the other, so that both had the same neighbours.
        ratio = statistics.median(m / h for h, m in zip(*times.values()))
        print(f"| {size} | {hand:.3f} s | {macro:.3f} s | {ratio:.3f} |", flush=True)


def clean_build(folder, rounds):
    """The macro crate with what it needs, from nothing."""
    times = []
    target = folder / "target"
    for _ in range(rounds):
        shutil.rmtree(target, ignore_errors=True)
        command = ["cargo", "build", "--quiet", "-p", "sage-supervisor-macros"]
        times.append(seconds(command, cwd=ROOT, env={**os.environ, "CARGO_TARGET_DIR": str(target)}))
    print(f"clean build of the macro crate: {statistics.median(times):.2f} s")


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), rounds)
        clean_build(Path(folder), min(rounds, 3))


if __name__ == "__main__":
    main()
