#include "tests/lab/names.h"

#include <stdio.h>
#include <string.h>

const char *
lab_word(const char *name, char *out, size_t cap)
{
	size_t n = 0;

	for (const char *c = name; *c != '\0' && n + 4 < cap; c++) {
		if ((unsigned char)*c <= ' ' || *c == '%' || *c == 0x7f)
			n += (size_t)snprintf(out + n, cap - n, "%%%02X", (unsigned char)*c);
		else
			out[n++] = *c;
	}
	out[n] = '\0';
	return out;
}

void
lab_unword(char *word)
{
	char *to = word;
	unsigned octet;

	for (const char *from = word; *from != '\0'; from++) {
		if (*from == '%' && sscanf(from + 1, "%2x", &octet) == 1 && from[1] != '\0' &&
		    from[2] != '\0') {
			*to++ = (char)octet;
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}
