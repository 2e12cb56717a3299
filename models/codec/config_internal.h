/* What the files that read and print a configuration share. */
#ifndef MODELS_CODEC_CONFIG_INTERNAL_H
#define MODELS_CODEC_CONFIG_INTERNAL_H

#include "models/codec/config.h"
#include "models/codec/internal.h"

struct config_reader {
	const struct document *doc;
	const char *folder;
	struct arena *arena;
	struct pce_error *err;
	bool bad; /* memory ran out */
};

/* A copy of a child leaf's text; NULL without it. */
const char *config_text(struct config_reader *r, const struct lyd_node *node, const char *name);
/* A file name, seen from the folder of the configuration. */
const char *config_file_name(struct config_reader *r, const char *name);
/* Likewise of a child leaf. */
const char *config_file(struct config_reader *r, const struct lyd_node *node, const char *name);
/* Room for the entries of a list, at least one more than there are. */
void *config_room(struct config_reader *r, const struct lyd_node *parent, const char *name,
		  size_t size, size_t *n);

/* --- config_telemetry.c --- */
void config_read_gnmi(struct config_reader *r, const struct lyd_node *device,
		      struct config_device *out);
void config_read_telemetry(struct config_reader *r, const struct lyd_node *node,
			   struct config_telemetry *out);
/* PCE_INVALID for plain text on an address that is no loopback one. */
enum pce_status config_check_telemetry(struct config_reader *r, const struct lyd_node *top);
void config_emit_gnmi(struct emit *e, const struct config_device *device);
void config_emit_telemetry(struct emit *e, const struct config_telemetry *telemetry);

#endif
