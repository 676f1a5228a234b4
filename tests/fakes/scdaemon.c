/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What GnuPG's daemon of that name does to a card: connects exclusively and
 * stays, until its standard input ends. Says "held" when it has the card.
 */
#include <stdio.h>
#include <stdlib.h>
#include <winscard.h>

int
main(int argc, char *argv[])
{
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;

	if (argc != 2 || SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
			     &context) != SCARD_S_SUCCESS)
		return EXIT_FAILURE;
	if (SCardConnect(context, argv[1], SCARD_SHARE_EXCLUSIVE,
		SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card,
		&protocol) != SCARD_S_SUCCESS)
		return EXIT_FAILURE;
	puts("held");
	fflush(stdout);
	while (getchar() != EOF)
		;
	SCardDisconnect(card, SCARD_LEAVE_CARD);
	SCardReleaseContext(context);
	return EXIT_SUCCESS;
}
