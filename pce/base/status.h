/* Status and error: the one shape in which every fault of Karst travels. */
#ifndef PCE_BASE_STATUS_H
#define PCE_BASE_STATUS_H

enum pce_status {
	PCE_OK = 0,
	PCE_INVALID, /* an argument or input value that can never be right */
	PCE_MALFORMED, /* bytes or text that do not follow their format */
	PCE_NOT_FOUND, /* the named object does not exist */
	PCE_EXISTS, /* the object exists already */
	PCE_CONFLICT, /* the object is in a state (or at a revision) that forbids this */
	PCE_NO_CAPACITY, /* a booking would exceed what the link has left */
	PCE_NO_MEMORY,
	PCE_LIMIT, /* a configured or built-in limit was reached */
	PCE_UNSUPPORTED, /* valid, but not offered by this peer, device or build */
	PCE_DENIED, /* authentication or authorisation failed */
	PCE_UNREACHABLE, /* the peer cannot be reached, or closed */
	PCE_TIMEOUT,
	PCE_IO, /* file, disk or socket error */
	PCE_INTERNAL, /* an invariant of Karst itself is broken */
	PCE_STATUS_COUNT
};

#define PCE_ERROR_TEXT 512
#define PCE_ERROR_PATH 256

/*
 * Filled where the fault is seen, with one sentence that names the object and the reason.
 *   path  RFC 7951 / XPath-like data path of the offending node, "" when there is none
 *   line  line of the input file, 0 when there is none
 */
struct pce_error {
	enum pce_status status;
	unsigned line;
	char path[PCE_ERROR_PATH];
	char text[PCE_ERROR_TEXT];
};

/*
 * Fills err (which may be NULL) and returns status, so that a fault is one line:
 * return pce_fail(err, PCE_NOT_FOUND, "no node is called %s", name);
 */
enum pce_status pce_fail(struct pce_error *err, enum pce_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As pce_fail, with the data path ("" or NULL for none) and line (0 for none) of the offending
 * input. */
enum pce_status pce_fail_at(struct pce_error *err, enum pce_status status, const char *path,
			    unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Puts "CONTEXT: " in front of the text that err already holds; returns err's status. err may be
 * NULL. */
enum pce_status pce_prefix(struct pce_error *err, enum pce_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills err for an allocation that failed; returns PCE_NO_MEMORY. */
enum pce_status pce_no_memory(struct pce_error *err);

/* Short name of a status in lower case ("not-found"); never NULL. */
const char *pce_status_name(enum pce_status status);

#endif
