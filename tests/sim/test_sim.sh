#!/bin/sh
# Runs seeds of the simulation for KARST_SIM_SECONDS (15): every invariant has to hold, every kind of fault has to be
# played. The first seed is 1, or KARST_TEST_FIRST_SEED.
set -eu
build=${KARST_BUILDDIR:-build}
source=${KARST_SRCDIR:-.}
exec "$build/karst-sim" --first-seed "${KARST_TEST_FIRST_SEED:-1}" --seeds 1000000 --hours 1 \
	--seconds "${KARST_SIM_SECONDS:-15}" --example "$source/examples/guangxi/topology.yaml"
