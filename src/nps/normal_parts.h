/*
 * normal_parts - checks the members of a record that are objects: customer,
 * account, segment, answers. For normal.c.
 */
#ifndef NPSD_NPS_NORMAL_PARTS_H
#define NPSD_NPS_NORMAL_PARTS_H

#include <stdbool.h>

#include "nps/normal_member.h"

bool normal_take_parts(struct normal_work *work) must_check;

#endif
