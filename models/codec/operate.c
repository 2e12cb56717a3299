#include "config.h"

#include "models/codec/operate.h"

#include "models/codec/internal.h"

enum pce_status
codec_set_mode_parse(const struct codec *codec, const char *text, size_t len,
		     enum operate_mode *out, struct pce_error *err)
{
	struct document doc = { 0 };
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-operations:set-mode", &doc, err);

	if (status == PCE_OK)
		status = operate_mode_parse(read_text(doc.tree, "mode"), out, err);
	document_free(&doc);
	return status;
}
