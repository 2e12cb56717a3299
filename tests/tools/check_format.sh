#!/bin/sh
# The committed C code is what clang-format 14 makes of it.
set -u
cd "${KARST_SRCDIR:-$(dirname "$0")/../..}" || exit 1
format=
for name in clang-format-14 clang-format; do
	if command -v $name >/dev/null 2>&1 && $name --version | grep -q 'version 14'; then
		format=$name
		break
	fi
done
if [ -z "$format" ]; then
	echo "format: SKIPPED, clang-format 14 is missing (Debian package clang-format-14)"
	case ",${KARST_REQUIRE:-}," in *,clang-format,*) exit 1 ;; esac
	exit 77
fi
files=$(find pce southbound northbound models tests -name '*.[ch]' ! -name '*.pb-c.[ch]')
bad=0
for f in $files; do
	if ! $format --dry-run -Werror "$f" >/dev/null 2>&1; then
		echo "$f: not formatted; run $format -i $f"
		bad=$((bad + 1))
	fi
done
echo "format: $(echo "$files" | wc -l) files, $bad not formatted"
[ $bad -eq 0 ]
