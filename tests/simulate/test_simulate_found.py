"""Seeds that once broke a law: each is kept with what it found."""

from __future__ import annotations

import pytest

from qbconsole.rehearsal.simulate.many import one_seed

_CONDENSED = "F32,F31,F26,F28,F24,F43,F34"


@pytest.mark.parametrize(
    ("seed", "faults"),
    [
        (10, "F14,F22"),  # two company files were given the same account under one message-set id
        (16, "F11,F38"),  # books that were opened again stayed closed here
        (4, "F11,F38"),  # the cost of a return, held while the books were closed, was never looked at again
        (6, "F24"),  # a marker write that waited behind a dialog was taken for a restored company file
        (7, "F31!"),  # a vendor lost with an older file, named as an entity, was never added again
        (17, "F31!"),  # an item lost with an older file was wanted by its escaped name: accents
        (144, "all"),  # the books of a restored file were closed still: nobody opened them again
        (324, "all"),  # an item was added as uncounted while the scope that tells was missing, for good
        (391, "all"),  # the same; and once the shelves could be seen again, what was sold looked like a loss
        (416, "all"),  # an older file, condensed later: what was lost with it was taken as condensed
        (489, "all"),  # what left after the condensing and was lost with an older file: the same
        (424, "all"),  # what was condensed after its answer was lost was called deleted, and posted again
        (834, "all"),  # what may be condensed was retried for ever, and held for ever
        (396, "F32,F31,F26,F28,F24,F43,F34.1"),  # what was voided and then condensed was posted again
        (305, "F32,F31,F26,F28,F24,F43,F34"),  # the oracle forgot that an older file took a void back
        (331, "F32,F31,F26,F28,F24,F43,F34"),  # the checker wanted to be asked what neither side could know
        (620, "F32,F31,F26,F28,F42,F43,F45"),  # what was voided, and condensed before a session came
        (708, "all"),  # the oracle forgot what a person had edited before the file was condensed
        (
            1373,
            "all",
        ),  # `serve` was started again on a mapping that was not valid: the run ended with an error
        (1519, "all"),  # another file was opened while a dialog waited, and what waited was written into it
        (1470, "all"),  # fences were judged by a clock that had jumped
        (1228, "all"),  # a copy of the file was opened that lacked nothing we knew of
        (913, "all"),  # a connector whose version another worker had heard never came back from its silence
        (949, "all"),  # a customer that QuickBooks refused, of a buyer forgotten since, stayed held for ever
        (1114, "all,F34.1"),  # what was voided by hand while our database had lost it was posted again
        (1716, "all"),  # the oracle wanted an edit by hand that an older file had taken back
        (1719, "all"),  # the same of a deletion by hand
        (1343, "all"),  # voided by hand while its answer was lost, posted again; edited before, counted twice
        (1582, "all"),  # the checker took what was posted once more for decided by another mapping
        (1569, "all"),  # a person took out for good what others waited for, and nobody decided anything else
        (2114, "all"),  # a forged webhook found no service, and counted as taken
        (13, "F31,F33,F34.1,F32,F43"),  # a deletion by hand that an older file took back counted still
        # voided by hand before anybody had heard that it was there, and taken back by an older file
        (20093, "F34,F43,F26,F28,F25,F27,F24,F06,F38,F42,F31"),
        (2272, "all"),  # what an edit took off was looked at again, and two cents of its tax were booked back
        (
            300,
            _CONDENSED,
        ),  # a late marker over a newer one, and an older database that knew only the late one: twice
        (497, _CONDENSED),  # the same, with what was condensed meanwhile
        (402, _CONDENSED),  # a refused bill waited for a purchase order that a person had left out
        # refused once the mapping it was frozen by had changed, it went again by that one
        (150, "F34,F26,F28,F43,F31,F24,F51,F32,F15,F13"),
        (
            111,
            "F34.2,F26,F28,F43,F31,F24,F51",
        ),  # deleted by hand while an older database of ours knew nothing
        (2958, "all"),  # a forgotten buyer's entry left that only a document with a broken template wanted
        (6017, "all"),  # what a refund gave back of two titles of tax was booked back by an edit, a cent each
        (
            5188,
            "all",
        ),  # goods named the lines of a lost purchase order: what was put anew was put anew for ever
        (7174, "all"),  # the checker wanted another name of what is bound to a memo that had left
        (51377, "all"),  # an error of QuickBooks ended a session that an older database of ours knew half of
        (
            55813,
            "all",
        ),  # an answer of another set had its set handed out again, of which QuickBooks kept no record
        (57683, "all"),  # the same in another world
        (
            73863,
            "all",
        ),  # an entry of a list that an older database of ours had not sent yet went again unasked
        (
            77024,
            "all",
        ),  # an error of one set was taken for that of an earlier one, where our database went back
        # an edit that Shopify does not date was dated anew and posted twice, after our database had lost it
        (896, "F34,F22,F28,F46,F37,F35"),
        (
            621,
            "F34,F22,F45,F25,F27,F24",
        ),  # the checker missed a refusal that our database had lost when it went back
        (354, "all"),  # a shop that let others go first had the run end with an error
        (16602, "all"),  # a refund named another customer than its memo and was refused for ever
        (
            21192,
            "all",
        ),  # what an edit took off was given back as a payment of less than nothing, before the edit
        # a refund was booked by another customer than QuickBooks has its memo on, which our older database forgot
        (1350, "F34,F11,F10,F13,F15,F43"),
        # the oracle took two undated edits, booked as one after the first was forgotten, for a mistake nobody was told of
        (1111, "F34,F11,F10,F13,F15,F43"),
        (1345, "F34,F11,F10,F13,F15,F43"),  # the same, refused before a look had told whose the memo is
        # a memo was moved to a customer whom our list did not have yet, and its refund stayed behind
        (346, "F34,F15,F42,F43,F11,F13"),
        # the checker took what had left and was put anew after an older file for something that never left
        (793, "F42,F15,F31,F26,F28,F24"),
        # a deletion of a number that two shops' days share was asked about for both, though one might be condensed
        (5297, "F34,F42,F43,F40,F38,F32"),
        # a person had it posted again, and was asked whether the summary of before then holds it
        (6051, "F34,F32,F13,F50,F43,F26"),
        (6206, "F34,F32,F11,F10,F15,F43"),
        # in the archive copy, and deleted after it was made: told to be left out, for it is there
        (6333, "F34,F42,F43,F40,F38,F32"),
        (
            6349,
            "F32,F31,F43,F26,F24,F11",
        ),  # the judge took a deletion right after a condensing for one before
        (544, "all"),  # a refund record without parts, held while the books were closed, was held for ever
    ],
)
def test_a_seed_that_broke_a_law_keeps_it_now(seed, faults):
    found = one_seed(seed, faults)
    assert found.violations == ()
    assert found.fired
