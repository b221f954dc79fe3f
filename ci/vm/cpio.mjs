// A cpio archive in the "newc" format, which the kernel unpacks as its first root file system. Pure. The format is told in
// the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.

/**
 * @typedef {object} Entry
 * @property {string} name its path, without a leading slash
 * @property {number} mode type and permissions, as in st_mode
 * @property {Uint8Array} [data] a file's content, or a symbolic link's target
 */

/** What ends an archive. */
const trailer = "TRAILER!!!";

/**
 * All entries belong to root and have no time. A folder comes before what is in it.
 * @param {readonly Entry[]} entries @returns {Buffer}
 */
export function cpio(entries) {
  const parts = [...entries, { name: trailer, mode: 0 }].flatMap((entry, index) => member(entry, index + 1));
  return Buffer.concat(parts);
}

/** @param {Entry} entry @param {number} inode @returns {Buffer[]} */
function member({ name, mode, data = Buffer.alloc(0) }, inode) {
  const path = Buffer.from(`${name}\0`);
  // inode, mode, uid, gid, links, mtime, size, device and its kind (major, minor each), length of the name, checksum
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, path.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [padded(Buffer.concat([header, path])), padded(Buffer.from(data))];
}

/** To a multiple of four octets. @param {Buffer} octets */
function padded(octets) {
  return Buffer.concat([octets, Buffer.alloc((4 - (octets.length % 4)) % 4)]);
}
