/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A card taken out and put back on demand, as pcscd sees it. The peer keeps
 * its card; a peer that knows power has it powered down meanwhile, so that it
 * comes back as new.
 */
#ifndef VSCARD_IFD_LINK_HOLD_H
#define VSCARD_IFD_LINK_HOLD_H

#include "ifd/link.h"

/*
 * Both on the hub's thread, with the slot in use (luns_take). 0: done, or
 * under way and with a deadline.
 *
 * -EBUSY: a request is in flight, and the card is taken out as soon as it has
 * ended. force: at once; the connection is given up then, as it is whenever a
 * request is not waited for.
 */
int link_eject(struct slot *, bool force) MUST_CHECK;
int link_insert(struct slot *) MUST_CHECK;

/*
 * With the link locked, whose slot it is: what is next to be done about a slot
 * that is held.
 */
void link_settle(struct link *, struct slot *);
/* … and that no power-down takes longer than it may. */
void link_kill_hot(struct link *);

#endif
