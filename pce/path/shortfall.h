/*
 * Why no lists hold a bandwidth with the probability asked: how probable it can be made, how much
 * can be held so surely, whether more lists would do, and what all paths have in common.
 */
#ifndef PCE_PATH_SHORTFALL_H
#define PCE_PATH_SHORTFALL_H

#include "pce/path/study.h"

/* Fills answer->no_path for a study whose choices were all tried. PCE_NO_MEMORY. */
enum pce_status shortfall_explain(struct study *s, struct path_answer *answer,
				  struct pce_error *err);

/* As shortfall_explain when there is no path to choose from. */
enum pce_status shortfall_explain_none(struct study *s, struct path_answer *answer,
				       struct pce_error *err);

#endif
