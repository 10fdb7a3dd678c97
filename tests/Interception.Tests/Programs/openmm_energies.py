# A box of charged particles on the OpenCL platform, step by step against the Reference platform.
import sys
from openmm import (
    Context, CustomExternalForce, HarmonicBondForce, NonbondedForce, Platform, System, Vec3, VerletIntegrator)

COUNT, STEPS = 64, 5


def system():
    made = System()
    bonds, charges = HarmonicBondForce(), NonbondedForce()
    wall = CustomExternalForce("10*(x^2+y^2+z^2)")
    for i in range(COUNT):
        made.addParticle(39.9)
        charges.addParticle(0.1 if i % 2 else -0.1, 0.3, 0.9)
        wall.addParticle(i, [])
    for i in range(0, COUNT, 2):
        bonds.addBond(i, i + 1, 0.4, 1000.0)
    for force in (bonds, charges, wall):
        made.addForce(force)
    return made


def energies(platform):
    context = Context(system(), VerletIntegrator(0.001), Platform.getPlatformByName(platform))
    context.setPositions([Vec3(i % 4, i // 4 % 4, i // 16) * 0.45 for i in range(COUNT)])
    found = []
    for _ in range(STEPS):
        context.getIntegrator().step(10)
        found.append(context.getState(getEnergy=True).getPotentialEnergy()._value)
    return found


opencl, reference = energies("OpenCL"), energies("Reference")
print(opencl, reference)
worst = max(abs(a - b) / max(1.0, abs(b)) for a, b in zip(opencl, reference))
if worst > 1e-3:
    sys.exit(f"the energies differ by {worst}")
print("same energies")
