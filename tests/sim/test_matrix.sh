#!/bin/sh
# A sample of the matrices of the simulation: one I/O call under SQLite fails, or karstd dies inside one or before an
# effect, at every so many places of a scripted storm (KARST_MATRIX_EVERY, 20; 1 is all of them).
set -eu
build=${KARST_BUILDDIR:-build}
for matrix in io-fails io-fails-on io-fails-dies io-kills io-kills-power io-power effect-kills effect-power; do
	"$build/karst-sim" --first-seed 3 --hours 0.05 --matrix $matrix --every "${KARST_MATRIX_EVERY:-20}" >matrix.out 2>&1 ||
		{ cat matrix.out; rm -f matrix.out; exit 1; }
	sed -n '/ of seed /p; $p' matrix.out
done
rm -f matrix.out
