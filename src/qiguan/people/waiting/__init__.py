"""待我处理: what waits for the person who looks, always current. Any app offers a section; config gathers them."""
