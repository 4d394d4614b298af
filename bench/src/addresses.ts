/** Addresses all over the internet, none of them twice in a load: a crowd behind one address would be limited, and asked to work. */
export function createAddresses(): () => string {
  let next = 0;
  return () => {
    const bits = Math.imul(++next, 0x9e3779b1) >>> 0;
    return [(bits >>> 24) % 223 || 1, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join(".");
  };
}
