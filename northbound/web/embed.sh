#!/bin/sh
# Prints a C file that holds each FILE as an array: web_NAME and web_NAME_len, NAME with _ for dots.
set -eu
echo '#include "northbound/web/web.h"'
for file in "$@"; do
	name=web_$(basename "$file" | tr . _)
	echo "const unsigned char ${name}[] = {"
	od -An -v -tx1 "$file" | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo "};"
	echo "const size_t ${name}_len = sizeof(${name});"
done
