#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The benchmark runs and says what it should; what it measures is not looked
# at. The client of pcsc-lite 2.5 is out of step with pcscd now and then, which
# nothing in here knows how to mend: it is for the reference only.
. "${top_srcdir:-.}/tests/system/lib.sh"

python="python3 -B"
bench="$python $src/tests/bench/bench.py"

# value EXPRESSION: of r, the report.
value() {
    python3 -c "import json, sys
r = json.load(open(sys.argv[1]))
print($1)" "$dir/json"
}

measures() {
    $bench --quick --case "256 B response" --case insertion \
        --driver null --driver "hop unix" --driver "watch tcp" \
        --driver "vscard unix" --driver "vscard pair" --section signing \
        --json "$dir/json" >"$dir/out" 2>&1
    ok $? "it runs" "$dir/out"
    says "$dir/out" "256 B response, us" "it prints a table of a case"
    says "$dir/out" "PIV signature, us" "and that of a section"
    is "insertion vscard unix watch tcp" \
        "$(value '"insertion", *sorted(r["cases"]["insertion"])' |
            tr -d "(),'")" "the JSON has the drivers of a case"
    is "True True" "$(value '*(
        f["to_floor"]["of"] == ["hop unix"] and f["median"] > 0
        for name, f in r["cases"]["256 B response"].items()
        if name.startswith("vscard"))' | tr -d "(),")" \
        "each with its ratio to the floor"
    is "P-256 RSA-2048" \
        "$(value '*sorted(r["sections"]["signing"])' | tr -d "(),'")" \
        "and the signatures"
}

# refused TEXT NAME ARG...: a line and status 1.
refused() {
    text=$1 name=$2
    shift 2
    "$@" >"$dir/out" 2>&1
    is 1 $? "$name: status 1"
    says "$dir/out" "bench: $text" "$name: a clear line"
    is 1 "$(wc -l <"$dir/out")" "$name: no more than that"
}

lacks() {
    refused "there is no $dir/none" "no such vpcd" \
        $bench --quick --vpcd "$dir/none" --driver "other vpcd"
    refused "there is no pcscd; install the package pcscd" "no pcscd" \
        env PYTHONPATH="$src/tests/bench" $python -c "import sys
import bench, rig
rig.PATH = '/nowhere'
sys.argv = ['bench', '--quick']
sys.exit(bench.main())"
    refused "there is no $dir/run/vscard-run; \`make bench\` builds it" \
        "nothing built" env top_builddir="$dir" $bench --quick
}

measures
lacks
finish
