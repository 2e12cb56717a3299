#include "pce/path/disjoint.h"

enum pce_status
disjoint_compute(struct path_engine *e, const struct path_request *request,
		 struct path_answer *answer, struct pce_error *err)
{
	(void)e;
	(void)request;
	(void)answer;
	return pce_fail(err, PCE_UNSUPPORTED, "disjoint pairs are not offered yet");
}
