"""The hazards in English."""

from types import MappingProxyType

from broadcaster.domain.hazards.wording import Warned, Wording

_WARNINGS = {
    "storm": Warned(
        "Storm",
        "Storm warning",
        "A storm is coming to {place}. Time: {time}.",
        (
            "Secure your house and cut branches near it. Follow the news of the storm.",
            "Secure your house and bring in your animals. Prepare water, food and a torch. Boats go to shelter.",
            (
                "Go to a safe shelter now. Stay off the roads in strong wind. "
                "If your house is weak, go to the nearest community house or school."
            ),
        ),
    ),
    "flood": Warned(
        "Flood",
        "Flood warning",
        "The water is rising in {place}. Time: {time}.",
        (
            (
                "If you live by a river or stream, move your goods and animals to higher ground. "
                "Do not collect wood or fish in high water."
            ),
            (
                "If you live in a low place, prepare to leave. Take the old and the children to safety first. "
                "Do not cross flooded fords or bridges."
            ),
            (
                "Leave low places now and go to higher ground. Switch off the electricity before you go. "
                "Take papers, medicine and water. Do not walk through fast water."
            ),
        ),
    ),
    "flash_flood": Warned(
        "Flash flood, landslide",
        "Flash flood and landslide warning",
        "There is danger of flash floods and landslides in {place}. Time: {time}.",
        (
            (
                "Keep away from rivers, streams and steep slopes. Watch the water and cracks on the hillside. "
                "Listen for further announcements."
            ),
            (
                "If you live by a stream or below a slope, prepare to leave. Do not sleep in field huts. "
                "Do not cross fords or streams."
            ),
            (
                "If you live by a stream or below a slope, leave your house now. Go up, away from steep slopes. "
                "Help the old and the children first. Do not go back for your things."
            ),
        ),
    ),
    "fire": Warned(
        "Fire",
        "Fire alarm",
        "There is a fire in {place}. Time: {time}.",
        (
            "Keep away from the fire. Give way to fire engines.",
            (
                "If you are near, switch off the electricity, close the gas and leave your house. "
                "Give way to fire engines."
            ),
            (
                "Leave the burning area now. Keep low and cover your nose with a wet cloth. "
                "Do not go back for your things. If someone is trapped, call one one four at once."
            ),
        ),
    ),
    "heat": Warned(
        "Heat",
        "Heat warning",
        "It is very hot in {place}. Time: {time}.",
        (
            "Drink enough water and wear a hat. Work less in the fields from 11 to 15 o'clock.",
            (
                "Do not work outdoors from 10 to 16 o'clock. Drink enough water. "
                "Look after the old, the children and the sick."
            ),
            (
                "Stay indoors in a cool place. Do not work outdoors. "
                "Take anybody who is dizzy or feverish to the health station at once."
            ),
        ),
    ),
    "forest_fire": Warned(
        "Forest fire",
        "Forest fire warning",
        "There is danger of forest fire in {place}. Time: {time}.",
        (
            "Do not burn fields. Do not smoke out bees. Do not use fire in the forest.",
            "Use no fire in or near the forest. If you see smoke or flames, tell the village head or a ranger at once.",
            (
                "Leave the forest now. Houses beside the forest: move people and animals away. "
                "Firefighters gather as the commune orders."
            ),
        ),
    ),
    "dam_release": Warned(
        "Dam release",
        "Dam release",
        "Water will be released from the reservoir to {place}. Time: {time}.",
        (
            "Do not go into rivers or streams. Bring boats, animals and goods ashore.",
            (
                "If you live by the river, take people, animals and goods to higher ground. "
                "Do not go into rivers or streams."
            ),
            (
                "If you live by the river, go to higher ground now. Do not cross fords or flooded bridges. "
                "Do not collect wood or fish."
            ),
        ),
    ),
    "epidemic": Warned(
        "Epidemic",
        "Epidemic notice",
        "There is an outbreak of {what} in {place}. Time: {time}.",
        (
            "Keep your house clean and wash your hands with soap. If you have signs of it, go to the health station.",
            "Avoid crowds. If you have signs of it, stay at home and call the health station.",
            "Stay at home and go out only if you must. Do as the health station says. Report serious cases at once.",
        ),
    ),
    "missing_person": Warned(
        "Missing person",
        "Missing person",
        "We are looking for {what}. Last seen: {place}. Time: {time}.",
        (
            "If you have seen this person, tell the village head or the commune police at once.",
            (
                "Look around your house, garden, pond and field huts. "
                "If you have seen this person, tell the village head or the commune police at once."
            ),
            (
                "If you can help to search, come to the community house now. "
                "If you see this person, stay together and tell the village head or the commune police at once."
            ),
        ),
    ),
    "all_clear": Warned(
        "All clear",
        "All clear",
        "It is safe again in {place}. Time: {time}.",
        ("You may return to your usual activities. If you still need help, tell your village head.",) * 3,
    ),
}
EN = Wording(
    level="Disaster risk level {level}.",
    titled="{headline}, level {level}, {place}",
    plain_title="{headline}, {place}",
    warnings=MappingProxyType(_WARNINGS),
)
