"""The longest task is played first, of those near the front: by how long its like took."""

from designloop.study.cell import Task
from designloop.study.queue import TaskQueue


def tasks(words: str) -> list[Task]:
    """A task for each word as `long-1`: its group, and its key."""
    return [Task(word, "{}", 0, "", None, word.partition("-")[0]) for word in words.split()]


def taken(queue: TaskQueue) -> list[str]:
    """The keys of all that is left, as they are taken."""
    return [turn.task.key for turn in iter(queue.take, None)]


def test_the_longest_of_known_groups_is_taken_first() -> None:
    first = tasks("short-0 middle-0 long-0")
    queue = TaskQueue([*first, *tasks("short-1 middle-1 long-1 short-2 middle-2 long-2")], n_workers=2)
    for task, seconds in zip(first, (1.0, 2.0, 9.0), strict=True):
        turn = queue.take()
        assert turn is not None
        assert turn.task == task  # a group of which nothing is known comes first, in the given order
        queue.learn(task, seconds)
    assert taken(queue) == ["long-1", "long-2", "middle-1", "middle-2", "short-1", "short-2"]


def test_a_group_of_which_none_has_ended_is_begun_before_known_ones() -> None:
    queue = TaskQueue(tasks("known-1 known-2 unknown-1"), n_workers=2)
    queue.learn(tasks("known-0")[0], 1e9)
    assert taken(queue) == ["unknown-1", "known-1", "known-2"]


def test_a_group_takes_as_long_as_its_tasks_did_on_average() -> None:
    queue = TaskQueue(tasks("steady-3 uneven-3"), n_workers=2)
    for key, seconds in (("steady-1", 4.0), ("steady-2", 4.0), ("uneven-1", 1.0), ("uneven-2", 9.0)):
        queue.learn(tasks(key)[0], seconds)
    assert taken(queue) == ["uneven-3", "steady-3"]


def test_tasks_far_from_the_front_wait_for_those_that_share_a_landscape() -> None:
    queue = TaskQueue(tasks(" ".join([*(f"short-{i}" for i in range(17)), "long-17"])), n_workers=2)
    queue.learn(tasks("short")[0], 1.0)
    queue.learn(tasks("long")[0], 2.0)
    assert taken(queue)[:4] == ["short-0", "short-1", "long-17", "short-2"]


def test_one_worker_plays_all_in_their_order() -> None:
    queue = TaskQueue(tasks("short-1 long-1 short-2"), n_workers=1)
    queue.learn(tasks("short")[0], 1.0)
    assert taken(queue) == ["short-1", "long-1", "short-2"]


def test_a_task_that_is_given_back_is_taken_again() -> None:
    queue = TaskQueue(tasks("a-1 a-2"), n_workers=2)
    turn = queue.take()
    assert turn is not None
    queue.give_back(turn)
    assert [(turn.task.key, turn.attempt) for turn in iter(queue.take, None)] == [("a-1", 2), ("a-2", 1)]
