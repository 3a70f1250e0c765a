package image

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"path"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// machine is what the first bytes of an ELF file say about where it runs.
type machine struct {
	kind  elf.Machine
	class elf.Class
	data  elf.Data
}

// architectures are the machines of the targets, by the go command's names.
var architectures = map[machine]string{
	{elf.EM_386, elf.ELFCLASS32, elf.ELFDATA2LSB}:       "386",
	{elf.EM_X86_64, elf.ELFCLASS64, elf.ELFDATA2LSB}:    "amd64",
	{elf.EM_ARM, elf.ELFCLASS32, elf.ELFDATA2LSB}:       "arm",
	{elf.EM_AARCH64, elf.ELFCLASS64, elf.ELFDATA2LSB}:   "arm64",
	{elf.EM_LOONGARCH, elf.ELFCLASS64, elf.ELFDATA2LSB}: "loong64",
	{elf.EM_MIPS, elf.ELFCLASS32, elf.ELFDATA2MSB}:      "mips",
	{elf.EM_MIPS, elf.ELFCLASS32, elf.ELFDATA2LSB}:      "mipsle",
	{elf.EM_MIPS, elf.ELFCLASS64, elf.ELFDATA2MSB}:      "mips64",
	{elf.EM_MIPS, elf.ELFCLASS64, elf.ELFDATA2LSB}:      "mips64le",
	{elf.EM_PPC64, elf.ELFCLASS64, elf.ELFDATA2LSB}:     "ppc64le",
	{elf.EM_PPC64, elf.ELFCLASS64, elf.ELFDATA2MSB}:     "ppc64",
	{elf.EM_RISCV, elf.ELFCLASS64, elf.ELFDATA2LSB}:     "riscv64",
	{elf.EM_S390, elf.ELFCLASS64, elf.ELFDATA2MSB}:      "s390x",
}

// checkPlatform refuses an image that does not run on p. What the entrypoint is compiled for counts first: the classic
// builder writes its own platform into every config, and what has no such program it can build for its own platform
// only.
func (e engine) checkPlatform(config *v1.ConfigFile, layers []layer, p v1.Platform) error {
	program, arch, err := entrypoint(config.Config, layers)
	if err != nil {
		return fmt.Errorf("reading the program of the image: %w", err)
	}
	if arch != "" && arch != p.Architecture {
		return fmt.Errorf(
			"asked for %s, and %s in the image is a program for %s: the Dockerfile has to compile for TARGETOS and TARGETARCH",
			p, program, arch)
	}
	if e.builder == classic && arch != "" {
		return nil
	}
	if made, err := normalize(*config.Platform()); err != nil || !made.Equals(p) {
		return fmt.Errorf("asked for %s, and %s made an image for %s", p, e.builder, config.Platform())
	}
	return nil
}

// entrypoint is the image's program and the architecture it is compiled for, empty where it is no ELF file by an
// absolute path.
func entrypoint(config v1.Config, layers []layer) (program, arch string, err error) {
	command := append(slices.Clip(config.Entrypoint), config.Cmd...)
	if len(command) == 0 || !path.IsAbs(command[0]) {
		return "", "", nil
	}
	for _, l := range slices.Backward(layers) { // the last layer that has the file wins
		content, regular, err := fileIn(l, path.Clean(command[0]), headSize)
		if err != nil {
			return "", "", err
		}
		if regular {
			return command[0], architecture(content), nil
		}
	}
	return command[0], "", nil
}

// headSize is how much of a file says what ELF it is: up to the end of e_machine.
const headSize = 20

// architecture reads the beginning of an ELF file; empty where it is none that Go knows.
func architecture(head []byte) string {
	if len(head) < headSize || string(head[:4]) != elf.ELFMAG {
		return ""
	}
	m := machine{class: elf.Class(head[elf.EI_CLASS]), data: elf.Data(head[elf.EI_DATA])}
	var order binary.ByteOrder = binary.LittleEndian
	if m.data == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	m.kind = elf.Machine(order.Uint16(head[18:]))
	return architectures[m]
}
