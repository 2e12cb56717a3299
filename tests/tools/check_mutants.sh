#!/bin/sh
# Each planted bug of tests/mutants still applies to the code that it is planted in; whether a test finds it, ./dev mutants
# says.
set -u
cd "${KARST_SRCDIR:-$(dirname "$0")/../..}" || exit 1
if ! command -v patch >/dev/null 2>&1; then
	echo "mutants: SKIPPED, the program patch is missing (Debian package patch)"
	case ",${KARST_REQUIRE:-}," in *,patch,*) exit 1 ;; esac
	exit 77
fi
bad=0 n=0
for p in tests/mutants/*.patch; do
	n=$((n + 1))
	patch -p1 --dry-run -s -f <"$p" >/dev/null 2>&1 && continue
	echo "$p does not apply any more: plant it anew"
	bad=$((bad + 1))
done
echo "mutants: $n read, $bad faults"
[ "$bad" -eq 0 ]
