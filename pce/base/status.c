#include "pce/base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct pce_error *err, enum pce_status status, const char *path, unsigned line,
		 const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));

static void
fill(struct pce_error *err, enum pce_status status, const char *path, unsigned line,
     const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->status = status;
	err->line = line;
	snprintf(err->path, sizeof(err->path), "%s", path ? path : "");
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
}

enum pce_status
pce_fail(struct pce_error *err, enum pce_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, status, NULL, 0, fmt, ap);
	va_end(ap);
	return status;
}

enum pce_status
pce_fail_at(struct pce_error *err, enum pce_status status, const char *path, unsigned line,
	    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, status, path, line, fmt, ap);
	va_end(ap);
	return status;
}

enum pce_status
pce_prefix(struct pce_error *err, enum pce_status status, const char *fmt, ...)
{
	char old[PCE_ERROR_TEXT];
	size_t used;
	va_list ap;

	if (!err)
		return status;
	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", old);
	return status;
}

enum pce_status
pce_no_memory(struct pce_error *err)
{
	return pce_fail(err, PCE_NO_MEMORY, "out of memory");
}

const char *
pce_status_name(enum pce_status status)
{
	static const char *const names[PCE_STATUS_COUNT] = {
		[PCE_OK] = "ok",
		[PCE_INVALID] = "invalid",
		[PCE_MALFORMED] = "malformed",
		[PCE_NOT_FOUND] = "not-found",
		[PCE_EXISTS] = "exists",
		[PCE_CONFLICT] = "conflict",
		[PCE_NO_CAPACITY] = "no-capacity",
		[PCE_NO_MEMORY] = "no-memory",
		[PCE_LIMIT] = "limit",
		[PCE_UNSUPPORTED] = "unsupported",
		[PCE_DENIED] = "denied",
		[PCE_UNREACHABLE] = "unreachable",
		[PCE_TIMEOUT] = "timeout",
		[PCE_IO] = "io-error",
		[PCE_INTERNAL] = "internal",
	};

	if ((unsigned)status >= PCE_STATUS_COUNT)
		return "unknown";
	return names[status];
}
