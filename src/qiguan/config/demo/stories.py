"""How an account of 示例市 lived: when it posted, and what its feed shows today. Pure values, the same at every start.

A story is judged by the product like anything else; nothing here says which state must come out.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Story:
    """A life: `every` days between posts on average until `stopped` days ago, begun `began` days ago; `feed` is how its source behaves.

    `complete`: a person declared the source complete. `checked`: a person looked so many days ago (None: never).
    """

    every: float
    stopped: int
    began: int = 400
    feed: str = "good"
    complete: bool = True
    checked: int | None = None
    said: str = "newest"


STORIES = {
    "daily": Story(0.8, 0),
    "often": Story(2.5, 1),
    "weekly": Story(6, 2),
    "thin": Story(9, 4),
    "near": Story(5, 11),
    "nearer": Story(7, 13),
    "over": Story(4, 16),
    "over_holiday": Story(6, 21),
    "asleep": Story(8, 45),
    "zombie": Story(12, 150),
    "old_zombie": Story(20, 700, began=960),
    "never": Story(0, 0, feed="silent"),
    "never_checked": Story(0, 0, feed="none", checked=1, said="never"),
    "hand_only": Story(5, 3, feed="none", checked=0),
    "hand_over": Story(9, 24, feed="none", checked=1),
    "not_looked": Story(4, 6, feed="none"),
    "partial": Story(3, 2, complete=False),
    "partial_quiet": Story(6, 26, complete=False),
    "login": Story(3, 2, feed="login_page"),
    "truncated": Story(3, 30, feed="truncated"),
    "backdated": Story(5, 1, feed="backdated"),
    "renamed": Story(3, 1, feed="renamed"),
    "moved": Story(3, 1, feed="moved"),
    "gone": Story(6, 40, feed="gone"),
    "busy": Story(4, 3, feed="rate_limited"),
    "broken": Story(4, 3, feed="server_error"),
    "control": Story(2, 1, feed="control_character"),
    "not_found": Story(8, 60, feed="none", checked=1, said="not_found"),
    "frozen": Story(7, 80, feed="none", checked=1, said="frozen"),
    "closing": Story(6, 35),
    "closed": Story(10, 200, feed="none"),
}

TOPICS = (
    "本周办事大厅延时服务安排", "道路施工期间绕行提示", "城乡居民医保缴费问答", "用工信息：企业招聘岗位一览", "防汛值守电话公布", "老年食堂新增三个点位",
    "公交线路临时调整", "秋季校服征订说明", "助农直播：本地蜜桔上市", "社区义诊时间表", "企业开办一日办结怎么办", "养老保险待遇资格认证提醒", "图书馆周末活动预告",
    "水费电费线上缴纳指南", "学区划分公示", "火灾隐患举报有奖", "公积金提取材料减少两项", "交通违法快处点位", "农机购置补贴申领流程", "不动产登记周末不打烊",
)  # fmt: skip


def post_times(story: Story, *, seed: str, at: datetime) -> list[datetime]:
    """Return the moments of the story's posts up to `at`, oldest first: working hours in Shanghai, none repeated."""
    if not story.every:
        return []
    dice = random.Random(seed)  # noqa: S311  a demonstration must look the same at every start
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    times = []
    day = float(story.stopped)
    while day < story.began:
        moment = (
            midnight
            - timedelta(days=int(day))
            + timedelta(hours=dice.randint(0, 9), minutes=dice.randint(0, 59), seconds=dice.randint(0, 59))
        )
        if moment <= at:
            times.append(moment)
        day += max(0.3, dice.expovariate(1 / story.every)) if story.every < 3 else dice.uniform(0.4, 1.6) * story.every
    if story.stopped and not times:
        times.append(midnight - timedelta(days=story.stopped))
    return sorted(set(times))


def title_of(moment: datetime, *, seed: str) -> str:
    """Return an invented title for the post of that moment."""
    dice = random.Random(f"{seed}{moment:%Y%m%d%H%M}")  # noqa: S311
    return dice.choice(TOPICS)


def newest(times: Sequence[datetime]) -> datetime | None:
    """Return the last post's moment."""
    return times[-1] if times else None
