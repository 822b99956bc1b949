/* movement - from a customer's class to the next. */
#include "nps/movement.h"

enum movement
movement_between(enum category before, enum category now)
{
	if (now == before)
		return MOVEMENT_SAME;
	return now > before ? MOVEMENT_UP : MOVEMENT_DOWN;
}

const char *
movement_name(enum movement movement)
{
	switch (movement) {
	case MOVEMENT_DOWN:
		return "down";
	case MOVEMENT_UP:
		return "up";
	case MOVEMENT_SAME:
		break;
	}
	return "same";
}

bool
movement_repeats(enum category before, enum category now)
{
	return before == CATEGORY_DETRACTOR && now == CATEGORY_DETRACTOR;
}
