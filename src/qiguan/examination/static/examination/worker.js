// Searches for a whole number n so that SHA-256 of `key|n` begins with `bits` zero bits. SHA-256 by FIPS 180-4, here because
// the browser's own is not to be had over plain http.
"use strict";
const K = [], H0 = [];
(() => {
  const root = (x, p) => (Math.pow(x, p) % 1) * 4294967296 | 0;
  for (let n = 2; K.length < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (H0.length < 8) H0.push(root(n, 1 / 2));
    K.push(root(n, 1 / 3));
  }
})();
const W = new Int32Array(64);
const turn = (x, n) => (x >>> n) | (x << (32 - n));
function firstWord(bytes) {
  const size = ((bytes.length + 9 + 63) >> 6) << 6, block = new Uint8Array(size), view = new DataView(block.buffer);
  block.set(bytes);
  block[bytes.length] = 0x80;
  view.setUint32(size - 4, bytes.length * 8);
  let h = H0.slice();
  for (let at = 0; at < size; at += 64) {
    for (let i = 0; i < 16; i++) W[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const a = W[i - 15], b = W[i - 2];
      W[i] = W[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + W[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)) | 0;
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let i = 0; i < 64; i++) {
      const one = k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i] | 0;
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)) | 0;
      k = g; g = f; f = e; e = d + one | 0; d = c; c = b; b = a; a = one + two | 0;
    }
    h = [a, b, c, d, e, f, g, k].map((x, i) => x + h[i] | 0);
  }
  return h[0] >>> 0;
}
onmessage = ({ data }) => {
  const text = new TextEncoder();
  for (let n = 0; ; n++) if (firstWord(text.encode(`${data.key}|${n}`)) >>> (32 - data.bits) === 0) { postMessage(n); return; }
};
