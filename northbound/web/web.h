/* The operators' page, as it is in the program: index.html and what it needs. embed.sh turns the
 * files of this folder into this table when Karst is built. */
#ifndef NORTHBOUND_WEB_WEB_H
#define NORTHBOUND_WEB_WEB_H

#include <stddef.h>

struct web_file {
	const char *name; /* as "app.js"; NULL ends the table */
	const unsigned char *octets;
	size_t n;
};

extern const struct web_file web_files[];

#endif
