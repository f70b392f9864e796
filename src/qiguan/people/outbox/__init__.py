"""消息: what people are told, in the product always, and by the ways each person has set. Queued with the change, sent after it."""
