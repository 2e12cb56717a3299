#include "config.h"

#include "pce/daemon/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum log_level threshold = LOG_LEVEL_NOTICE;

void
log_set_level(enum log_level level)
{
	threshold = level;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	/* sd-daemon(3): "<3>" is an error, "<4>" a warning, "<5>" a notice, "<6>" information. */
	static const char *const names[] = { "error: ", "warning: ", "", "" };
	bool journal = getenv("JOURNAL_STREAM") != NULL;
	char line[1200];
	size_t used;
	va_list ap;
	int n;

	if (level > threshold)
		return;
	n = journal ? snprintf(line, sizeof(line), "<%d>", (int)level + 3)
		    : snprintf(line, sizeof(line), "karstd: %s", names[level]);
	used = n > 0 ? (size_t)n : 0;
	va_start(ap, fmt);
	n = vsnprintf(line + used, sizeof(line) - used - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	used += (size_t)n < sizeof(line) - used - 1 ? (size_t)n : sizeof(line) - used - 2;
	for (size_t i = 0; i < used; i++)
		if ((unsigned char)line[i] < 0x20)
			line[i] = ' ';
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		return; /* a log that cannot be written has nowhere to say so */
}
