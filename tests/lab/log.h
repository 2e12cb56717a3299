/* Lines of a log, the microseconds of CLOCK_MONOTONIC in front. */
#ifndef TESTS_LAB_LOG_H
#define TESTS_LAB_LOG_H

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

/* Takes a line without its end; line is borrowed for the call. */
typedef void lab_log_fn(void *ctx, const char *line);

/* Makes a line and hands it over; log NULL: nobody wants it. */
static inline void __attribute__((format(printf, 3, 0)))
lab_log_line(lab_log_fn *log, void *ctx, const char *fmt, va_list ap)
{
	struct timespec t;
	char line[512];
	size_t at;

	if (log == NULL)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	at = (size_t)snprintf(line, sizeof line, "%lld ",
			      (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
	vsnprintf(line + at, sizeof line - at, fmt, ap);
	log(ctx, line);
}

#endif
