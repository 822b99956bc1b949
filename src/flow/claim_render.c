/* claim_render - renders, and puts the bytes where they are read from. */
#include "flow/claim_render.h"

#include "nps/alert.h"

enum alert_end
claim_render(struct keeping *keeping, struct claimed *claimed,
	const struct alert *alert, struct err *err)
{
	struct buf body = {0};
	enum alert_end end = ALERT_UNRENDERABLE;
	size_t length;

	if (renderers_render(
		    keeping->renderers, claimed->action, alert, &body, err))
		end = store_set_body(keeping->store, claimed->row, body.data,
			      body.length, err)
			      ? ALERT_RENDERED
			      : ALERT_STORE_FAILED;
	length = body.length;
	if (end == ALERT_RENDERED)
		claimed_set_body(claimed, buf_take(&body), length);
	buf_done(&body);
	return end;
}
