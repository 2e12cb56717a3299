#!/bin/sh
# Prints a C file with web_files: each FILE by its name, with its octets.
set -eu
echo '#include "northbound/web/web.h"'
echo '#include <stddef.h>'
i=0
for file in "$@"; do
	echo "static const unsigned char file_$i[] = {"
	od -An -v -tx1 "$file" | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo "};"
	i=$((i + 1))
done
echo "const struct web_file web_files[] = {"
i=0
for file in "$@"; do
	echo "	{ \"$(basename "$file")\", file_$i, sizeof(file_$i) },"
	i=$((i + 1))
done
echo "	{ NULL, NULL, 0 },"
echo "};"
