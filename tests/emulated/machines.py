# SPDX-License-Identifier: LGPL-2.1-or-later
"""The emulated machines, a row each: what QEMU is told, which kernel, which programs."""

from typing import NamedTuple, Optional, Tuple

# Debian's name of an architecture → its GNU triplet.
TRIPLETS = {
    "arm64": "aarch64-linux-gnu",
    "armhf": "arm-linux-gnueabihf",
    "mips64el": "mips64el-linux-gnuabi64",
    "mipsel": "mipsel-linux-gnu",
    "powerpc": "powerpc-linux-gnu",
    "ppc64": "powerpc64-linux-gnu",
    "ppc64el": "powerpc64le-linux-gnu",
    "riscv64": "riscv64-linux-gnu",
    "s390x": "s390x-linux-gnu",
}


class Program(NamedTuple):
    """How a static program of an ABI is compiled."""
    abi: str
    debian: Optional[str]  # whose cross compiler; None: this machine's own
    flags: Tuple[str, ...] = ()
    packages: Tuple[str, ...] = ()

    @property
    def compiler(self):
        name = TRIPLETS[self.debian] + "-gcc" if self.debian else "gcc"
        return [name, *self.flags]

    @property
    def needs(self):
        if self.debian is None:
            return self.packages
        return ("gcc-" + TRIPLETS[self.debian], f"libc6-dev-{self.debian}-cross", *self.packages)


class DebianKernel(NamedTuple):
    debian: str
    package: str


class OwnKernel(NamedTuple):
    """Built from Debian's source: no package has it, or none that starts here."""
    name: str      # kernels/NAME.config
    arch: str      # as the kernel calls it
    debian: str    # whose cross compiler
    target: str
    file: str      # what a kernel that is at hand is called


class Machine(NamedTuple):
    qemu: str
    package: str
    options: str
    append: str
    kernel: tuple
    programs: Tuple[Program, ...]  # the first is the machine's own ABI, that of the tracer
    cpus: Tuple[str, ...] = ("",)
    library: Optional[str] = None  # whose GLib


PSERIES = ("-M pseries,x-vof=on,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"
           " -m 512 -nodefaults -serial stdio")

AARCH64 = Program("aarch64", "arm64")
ARM = Program("arm", "armhf")
POWERPC = Program("powerpc", "powerpc")
POWERPC64 = Program("powerpc64", "ppc64")

MACHINES = {
    "aarch64": Machine(
        "aarch64", "qemu-system-arm", "-M virt -cpu cortex-a57 -m 512", "console=ttyAMA0",
        DebianKernel("arm64", "linux-image-cloud-arm64"), (AARCH64, ARM), library="arm64"),
    "arm": Machine(
        "arm", "qemu-system-arm", "-M virt -cpu cortex-a15 -m 512", "console=ttyAMA0",
        DebianKernel("armhf", "linux-image-armmp"), (ARM,), library="armhf"),
    "mips64el": Machine(
        "mips64el", "qemu-system-mips", "-M malta -cpu MIPS64R2-generic -m 512", "console=ttyS0",
        DebianKernel("mips64el", "linux-image-5kc-malta"),
        (Program("mipsel_n64", "mips64el"),
         Program("mipsel_n32", "mips64el", ("-mabi=n32",), ("gcc-multilib-mips64el-linux-gnuabi64",)),
         Program("mipsel_o32", "mipsel")), library="mips64el"),
    "powerpc": Machine(
        "ppc", "qemu-system-ppc", "-M mac99,via=pmu -m 256 -vga none", "console=ttyS0",
        OwnKernel("powerpc", "powerpc", "powerpc", "vmlinux", "vmlinux-ppc"), (POWERPC,),
        library="powerpc"),
    "powerpc64": Machine(
        "ppc64", "qemu-system-ppc", PSERIES, "console=hvc0",
        OwnKernel("powerpc64", "powerpc", "ppc64", "vmlinux", "vmlinux-ppc64"), (POWERPC64, POWERPC),
        ("POWER9", "POWER8"), library="ppc64"),
    "powerpc64le": Machine(
        "ppc64", "qemu-system-ppc", PSERIES, "console=hvc0",
        DebianKernel("ppc64el", "linux-image-powerpc64le"), (Program("powerpc64le", "ppc64el"),),
        ("POWER9", "POWER8"), library="ppc64el"),
    "riscv64": Machine(
        "riscv64", "qemu-system-misc", "-M virt -m 256", "console=hvc0",
        OwnKernel("riscv64", "riscv", "riscv64", "arch/riscv/boot/Image", "Image-riscv64"),
        (Program("riscv64", "riscv64"),), library="riscv64"),
    "s390x": Machine(
        "s390x", "qemu-system-misc", "-M s390-ccw-virtio -m 512", "",
        DebianKernel("s390x", "linux-image-s390x"),
        (Program("s390x", "s390x"),
         Program("s390", "s390x", ("-m31",), ("gcc-multilib-s390x-linux-gnu",))), library="s390x"),
    "x32": Machine(
        "x86_64", "qemu-system-x86", "-accel tcg -M pc -m 512", "syscall.x32=y console=ttyS0",
        DebianKernel("amd64", "linux-image-amd64"),
        (Program("x86_64", None), Program("i386", None, ("-m32",)), Program("x32", None, ("-mx32",)))),
}
