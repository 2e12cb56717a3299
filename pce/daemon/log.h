/* The daemon's log: one line a message to standard error, with the level in front as systemd reads
 * it. */
#ifndef PCE_DAEMON_LOG_H
#define PCE_DAEMON_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO };

/* Messages above this level are dropped; LOG_LEVEL_NOTICE at the start. Set once, before threads
 * exist. */
void log_set_level(enum log_level level);

/* Writes one line in one write(2); safe from any thread. Control characters become blanks. */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
